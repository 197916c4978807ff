# TernInstall.cmake - what `cmake --install` gives: headers, libtern.so, libtern.a, tern.pc, the
# same of libtern_sockets (tern-sockets.pc), the CMake package (tern::tern, tern::tern_static,
# tern::sockets, tern::sockets_static), the tern program, libtern_packetdrill.so. Its messages:
# TernProgram.cmake.

set(TERN_HEADERS_NOT "simulation.h") # docs/decisions/0010
if(TARGET tern_sockets_shared)
    set(TERN_LIBRARIES tern sockets)
else()
    set(TERN_LIBRARIES tern)
    list(APPEND TERN_HEADERS_NOT "sockets.h")
endif()
set(TERN_OUTPUT_tern tern)
set(TERN_OUTPUT_sockets tern_sockets)
foreach(name IN LISTS TERN_LIBRARIES)
    set(output ${TERN_OUTPUT_${name}})
    set_target_properties(${output}_shared PROPERTIES
        OUTPUT_NAME ${output} EXPORT_NAME ${name} VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    set_target_properties(${output}_static PROPERTIES
        OUTPUT_NAME ${output} EXPORT_NAME ${name}_static)
    foreach(library ${output}_shared ${output}_static)
        target_include_directories(${library} INTERFACE
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    endforeach()
    add_library(tern::${name} ALIAS ${output}_shared)
    add_library(tern::${name}_static ALIAS ${output}_static)
    install(TARGETS ${output}_shared ${output}_static EXPORT ternTargets)
endforeach()

list(TRANSFORM TERN_HEADERS_NOT REPLACE "(.+)" "PATTERN;\\1;EXCLUDE")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tern DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING ${TERN_HEADERS_NOT} PATTERN "*.h" PATTERN "*.def")
if(TARGET tern)
    install(TARGETS tern)
    install(TARGETS tern_packetdrill LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(TERN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tern)
install(EXPORT ternTargets NAMESPACE tern:: DESTINATION ${TERN_CMAKE_DIR})
file(WRITE ${PROJECT_BINARY_DIR}/ternConfig.cmake
    "include(\${CMAKE_CURRENT_LIST_DIR}/ternTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ternConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ternConfig.cmake ${PROJECT_BINARY_DIR}/ternConfigVersion.cmake
    DESTINATION ${TERN_CMAKE_DIR})

# tern.pc says where things are by where it lies itself, so that an installation may be moved.
set(TERN_PC_DIR ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH TERN_PC_TO_PREFIX ${TERN_PC_DIR} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH TERN_PC_TO_LIB ${TERN_PC_DIR} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH TERN_PC_TO_INCLUDE ${TERN_PC_DIR} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${PROJECT_SOURCE_DIR}/cmake/tern.pc.in ${PROJECT_BINARY_DIR}/tern.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tern.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET tern_sockets_shared)
    set(TERN_PC_SOCKETS ${PROJECT_BINARY_DIR}/tern-sockets.pc)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/tern-sockets.pc.in ${TERN_PC_SOCKETS} @ONLY)
    install(FILES ${TERN_PC_SOCKETS} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
