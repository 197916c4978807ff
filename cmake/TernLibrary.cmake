# TernLibrary.cmake - libtern: src/ compiled once, and put together three ways.
#
#   tern_core    every symbol reachable: for the unit tests and for draw/, never installed
#   tern_shared  libtern.so: only what TERN_API marks leaves it
#   tern_static  libtern.a: one object file whose hidden symbols were made local, so that a program
#                may have its own ip_read() beside it

file(GLOB_RECURSE TERN_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.c)

add_library(tern_objects OBJECT ${TERN_SOURCES})
set_target_properties(tern_objects PROPERTIES C_VISIBILITY_PRESET hidden LINKER_LANGUAGE C)
target_include_directories(tern_objects PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_options(tern_objects PRIVATE -Wvla)
target_link_libraries(tern_objects PRIVATE tern_compile)

if(TERN_FREESTANDING)
    # -fno-pic: in position-independent code the linker's own names would be undefined too, and a
    # const table of strings would count as writable.
    target_compile_options(tern_objects PRIVATE -ffreestanding -fno-stack-protector -fno-pic)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    enable_testing()
    add_test(NAME freestanding COMMAND ${CMAKE_COMMAND} -E env NM=${CMAKE_NM}
        ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tidy/symbols.py
        $<TARGET_OBJECTS:tern_objects> COMMAND_EXPAND_LISTS)
    return()
endif()
set_target_properties(tern_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)

# In a release build gcc optimises the library as a whole and gives one ordinary object file, so
# that whoever links libtern.a has the benefit without -flto of his own (docs/BENCH.md: a quarter).
set(TERN_OBJECTS $<TARGET_OBJECTS:tern_objects>)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TERN_SANITIZE)
    target_compile_options(tern_objects PRIVATE -flto)
    set(TERN_WHOLE_OBJECT ${PROJECT_BINARY_DIR}/tern-whole.o)
    separate_arguments(TERN_RELEASE_FLAGS UNIX_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_RELEASE}")
    add_custom_command(OUTPUT ${TERN_WHOLE_OBJECT}
        COMMAND ${CMAKE_C_COMPILER} ${TERN_RELEASE_FLAGS} -fPIC -fvisibility=hidden
            -flto=auto -flinker-output=nolto-rel -r -nostdlib -o ${TERN_WHOLE_OBJECT}
            $<TARGET_OBJECTS:tern_objects>
        DEPENDS tern_objects $<TARGET_OBJECTS:tern_objects>
        COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(tern_whole DEPENDS ${TERN_WHOLE_OBJECT})
    set(TERN_OBJECTS ${TERN_WHOLE_OBJECT})
endif()

add_library(tern_core STATIC ${TERN_OBJECTS})
set_target_properties(tern_core PROPERTIES LINKER_LANGUAGE C)
target_include_directories(tern_core PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})

add_library(tern_shared SHARED ${TERN_OBJECTS})
set_target_properties(tern_shared PROPERTIES LINKER_LANGUAGE C)
target_link_libraries(tern_shared PRIVATE tern_compile)
if(TARGET tern_whole)
    add_dependencies(tern_core tern_whole)
    add_dependencies(tern_shared tern_whole)
endif()

set(TERN_ONE_OBJECT ${PROJECT_BINARY_DIR}/tern-one.o)
add_custom_command(OUTPUT ${TERN_ONE_OBJECT}
    COMMAND ${CMAKE_LINKER} -r -o ${TERN_ONE_OBJECT} ${TERN_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${TERN_ONE_OBJECT}
    DEPENDS tern_objects ${TERN_OBJECTS}
    COMMAND_EXPAND_LISTS VERBATIM)
add_library(tern_static STATIC ${TERN_ONE_OBJECT})
if(TARGET tern_whole)
    add_dependencies(tern_static tern_whole)
endif()
set_target_properties(tern_static PROPERTIES LINKER_LANGUAGE C)
